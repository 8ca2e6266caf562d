"""What the page shows. No retrieval logic: everything comes from one shared ``Assistant``."""
