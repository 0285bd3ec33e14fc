"""Forms of files by their first bytes: which reader they are for, or what to convert them with."""

from __future__ import annotations

import re
import zlib

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.source import Source

LOOKED_AT = 2**14
"""Bytes by which a form is told."""

_PROLOGUE = (
    rb"\s*(?:<\?(?s:.*?)\?>\s*|<!--(?s:.*?)-->\s*|<!DOCTYPE(?:[^\[>]|\[(?s:.*?)\])*>\s*)*<(?:\w+:)?"
)
"""Whatever XML may hold before its first element, and the mark that opens it."""

SIGNATURES: dict[str, bytes] = {
    ".npy": rb"\x93NUMPY",
    ".npz": rb"PK\x03\x04(?s:.{22}..)(?!xl/|\[Content|word/|_rels|META-INF|mimetype)",
    ".parquet": rb"PAR1[\x00-\x08\x0e-\x1f]",
    ".h5ad": rb"\x89HDF\r\n\x1a\n",
    ".mtx": rb"%%MatrixMarket\b",
    ".graphml": _PROLOGUE + rb"graphml\b",
    ".gexf": _PROLOGUE + rb"gexf\b",
    ".gml": rb"(?:\s*#[^\n]*\n)*\s*(?:(?:Creator|Version|comment|directed)\b[^\n]*\s+)*graph\s*\[",
    ".net": rb"(?:\s*%[^\n]*\n)*\s*\*(?:vertices|network)\b",
}
"""What a file of each form begins with, by the suffix of its reader."""

TOLD: dict[bytes, str] = {
    rb"\s*<(?:\?xml|!DOCTYPE|[a-z][\w:.-]*[\s>])": "XML that is neither GraphML nor GEXF; "
    "export it as GraphML",
    rb"\s*(?:\{\s*\"|\[\s*(?:\"|[\[({]\s*[\"'\d]))": "JSON or Python; "
    "networkx.node_link_graph reads such graphs: write them with networkx.write_graphml",
    rb"\s*(?:strict\s+)?(?:di)?graph\b[^\n\[]*\{": "a DOT file; networkx.nx_pydot.read_dot "
    "reads it: write it with networkx.write_graphml",
    rb"\s*dl\s+n\s*=": "a UCINET DL file; export it as Pajek (.net) or as an edge list",
    rb"SQLite format 3": "an SQLite database; export the table of edges as .csv",
    rb"PK\x03\x04": "an office document or an archive; export the table as .csv",
    rb"\xd0\xcf\x11\xe0": "an office document; export the table as .csv",
    rb"\x80[\x02-\x05]": "a Python pickle, which is never opened; networkx.write_graphml or "
    "scipy.sparse.save_npz write what is read here",
    rb"\xe2\x9b\xbe gt": "a graph-tool file; write it with Graph.save('graph.graphml')",
    rb"RDX[23]\n[XA]\n|RDA[23]\n[XA]\n|X\n\x00": "an R data file; write it "
    "with igraph::write_graph(g, 'graph.graphml', 'graphml')",
    rb"\s*\([^()\n]*\)[ \t,]*(?:\n|\()": "Python's tuples; networkx.relabel_nodes(graph, str) names "
    "such vertices, and csv.writer writes pairs: a line for each edge",
    rb"(?:c\b[^\n]*\n)*p\s+(?:edge|col|sp|max|min)\s": "a DIMACS file; igraph.Graph.Read_DIMACS "
    "reads it: write it with write_graphml",
    rb"nodedef\s*>": "a GDF file; open it in Gephi and export it as GraphML",
    rb"\s*\*node data\b": "a VNA file; open it in Gephi and export it as GraphML",
    rb"(?:[^\n#%][^\n]*\n)+#[ \t]*\n[^\n]": "a TGF file: vertices, a line #, edges; open it in yEd and "
    "export it as GraphML, or keep the lines after # as an edge list",
    rb"version https://git-lfs": "a Git LFS pointer, not the file; fetch it with git lfs pull",
    rb"404: Not Found": "a web server's answer that there is no such file; fetch it again",
    rb"BZh[1-9]1AY&SY": "compressed by bzip2; decompress it first, or use .gz",
    rb"\xfd7zXZ": "compressed by xz; decompress it first, or use .gz",
    rb"\x28\xb5\x2f\xfd": "compressed by zstd; decompress it first, or use .gz",
    rb"ARROW1\x00": "a Feather file; write it with pandas.DataFrame.to_parquet",
}
"""What is recognised and not read, and the way to convert it."""

TOLD_SUFFIXES = (".xlsx", ".xls", ".ods", ".docx", ".pdf", ".png", ".jpg", ".doc")
"""Suffixes of what is never an edge list, whatever its content."""


def first_bytes(source: Source) -> bytes:
    """The first bytes of a file, decompressed.

    Raises:
        InputError: it is missing, a folder or unreadable.
    """
    with source.open() as handle:
        data = handle.read(LOOKED_AT)
    return _decompressed(data)


def _decompressed(data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, LOOKED_AT)
    except zlib.error:
        return data  # reading it whole tells


def form_of(data: bytes) -> str | None:
    """The suffix of the reader that a file is for; None for text that may be an edge list."""
    start = data.removeprefix(b"\xef\xbb\xbf")
    for suffix, signature in SIGNATURES.items():
        if re.match(signature, start, re.IGNORECASE):
            return suffix
    return None


def refuse_told(data: bytes, label: str) -> None:
    """Refuse a form that is known and not read.

    Raises:
        InputError: naming it, and what converts it.
    """
    start = data.removeprefix(b"\xef\xbb\xbf")
    for signature, what in TOLD.items():
        if re.match(signature, start, re.IGNORECASE):
            raise InputError(f"{label}: is {what}")
