"""Shapes as types: n vertices, e undirected edges, f features, h hidden features, k clusters,
p vertices of all graphs after pooling.

The tests check them at every call; nothing does so in use.
"""

from jaxtyping import Float, Int64
from torch import Tensor

VertexValues = Float[Tensor, "n f"]
HiddenValues = Float[Tensor, "n h"]
PooledValues = Float[Tensor, "p h"]
Assignment = Float[Tensor, "n k"]
EdgeIndex = Int64[Tensor, "2 e"]
EdgeValues = Float[Tensor, " e"]
ClusterValues = Float[Tensor, " k"]
Scalar = Float[Tensor, ""]
