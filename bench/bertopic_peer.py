"""BERTopic as a peer, in a Python of its own: it brings numba and more, and we do not.

Handed vectors and texts through files, so that it fits on exactly what we wove.
Texts go only into a temporary folder and are gone with it.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

_ASK = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import numpy as np
from bertopic import BERTopic
import bertopic
from umap import UMAP
folder, k = sys.argv[1], int(sys.argv[2])
unit = np.load(folder + "/unit.npy").astype(np.float32)
texts = json.load(open(folder + "/texts.json"))
n = len(texts)
umap = UMAP(n_neighbors=min(15, n - 1), n_components=min(5, n - 2), min_dist=0.0, metric="cosine", random_state=0)
size = max(2, min(10, n // 20))
model = BERTopic(embedding_model=None, umap_model=umap, min_topic_size=size, calculate_probabilities=False)
topics, _ = model.fit_transform(texts, unit)
topics = np.asarray(topics)
# Representative documents, topic by topic, largest first, until there are k: the
# members nearest to their topic's middle, which is how BERTopic ranks them by vectors.
order = []
kinds = [t for t, _ in sorted(((t, -(topics == t).sum()) for t in set(topics.tolist()) if t >= 0), key=lambda x: (x[1], x[0]))]
queues = []
for t in kinds:
    members = np.flatnonzero(topics == t)
    middle = unit[members].mean(axis=0)
    queues.append(list(members[np.argsort(-(unit[members] @ middle), kind="stable")]))
while len(order) < k and any(queues):
    for queue in queues:
        if queue and len(order) < k:
            order.append(int(queue.pop(0)))
print(json.dumps({"taken": order, "version": bertopic.__version__, "noise": int((topics < 0).sum())}))
"""


def representatives(
    python: str, unit: np.ndarray, texts: list[str], k: int
) -> tuple[np.ndarray, str]:
    """Up to k fragments that BERTopic's topics are represented by, and its version."""
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "unit.npy", unit)
        (Path(folder) / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        ran = subprocess.run(
            [python, "-c", _ASK, folder, str(k)], capture_output=True, text=True, check=True
        )
    said = json.loads(ran.stdout.strip().splitlines()[-1])
    return np.array(said["taken"], dtype=np.int64), said["version"]
