"""What several suites build their worlds from: documents, PDFs, embedders."""
