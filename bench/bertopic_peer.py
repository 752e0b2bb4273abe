"""BERTopic as a peer, in a Python of its own: it brings numba and more, and we do not.

Handed vectors and texts through files, so that it fits on exactly what we wove;
many gatherings in one go, because its compilers take longer than its fits.
Texts go only into a temporary folder and are gone with it.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

# BERTopic ranks a topic's documents by how alike their c-TF-IDF is to the
# topic's; it looks at a sample of 500 and keeps three of them. Here all are
# ranked by the same measure, and topics take turns, the largest first, so that
# the first k stand for any k. The noise topic represents nobody.
_ASK = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import numpy as np
import bertopic
from sklearn.metrics.pairwise import cosine_similarity
from umap import UMAP
folder = sys.argv[1]
out = []
for case in range(int(sys.argv[2])):
    unit = np.load(f"{folder}/{case}.npy").astype(np.float32)
    texts = json.load(open(f"{folder}/{case}.json"))
    n = len(texts)
    umap = UMAP(n_neighbors=min(15, n - 1), n_components=min(5, n - 2), min_dist=0.0, metric="cosine", random_state=0)
    # Its default of 10 finds one topic or none in a small Circle, so it is helped there.
    model = bertopic.BERTopic(embedding_model=None, umap_model=umap, min_topic_size=max(2, min(10, n // 20)))
    topics = np.asarray(model.fit_transform(texts, unit)[0])
    labels = sorted(set(topics.tolist()))
    queues = []
    for topic in sorted((t for t in labels if t >= 0), key=lambda t: (-(topics == t).sum(), t)):
        members = np.flatnonzero(topics == topic)
        held = model.ctfidf_model.transform(model.vectorizer_model.transform([texts[i] for i in members]))
        alike = cosine_similarity(held, model.c_tf_idf_[labels.index(topic)]).ravel()
        queues.append(members[np.argsort(-alike, kind="stable")].tolist())
    order = []
    while any(queues):
        order += [queue.pop(0) for queue in queues if queue]
    out.append({"order": order, "topics": len(queues), "noise": float((topics < 0).mean())})
print(json.dumps({"version": bertopic.__version__, "cases": out}))
"""


def representatives(
    python: str, cases: Sequence[tuple[np.ndarray, Sequence[str]]]
) -> tuple[str, list[np.ndarray]]:
    """BERTopic's version; and for each (vectors, texts) its documents, best first."""
    with tempfile.TemporaryDirectory() as folder:
        for i, (unit, texts) in enumerate(cases):
            np.save(Path(folder) / f"{i}.npy", unit)
            (Path(folder) / f"{i}.json").write_text(json.dumps(list(texts)), encoding="utf-8")
        ran = subprocess.run(
            [python, "-c", _ASK, folder, str(len(cases))], capture_output=True, text=True
        )
    if ran.returncode:
        raise RuntimeError(f"BERTopic could not: {ran.stderr.strip().splitlines()[-1]}")
    said = json.loads(ran.stdout.strip().splitlines()[-1])
    return said["version"], [np.array(one["order"], dtype=np.int64) for one in said["cases"]]
