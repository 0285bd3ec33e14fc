"""Forms of files by their first bytes: which reader they are for, or what to convert them with."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.places import is_special
from tvgnn_cli.io.source import Source

LOOKED_AT = 2**14
"""Bytes by which a form is told."""

_PROLOGUE = (
    rb"\s*+(?:(?><\?(?s:.*?)\?>)\s*+|(?><!--(?s:.*?)-->)\s*+|"
    rb"(?><!DOCTYPE(?:[^\[>]++|\[(?s:.*?)\])*+>)\s*+)*+<(?:\w+:)?"
)
"""Whatever XML may hold before its first element, and the mark that opens it. Here and below
nothing is tried twice (`*+`, `(?>...)`): twenty comments would take seconds, thirty hours."""

_ENTRY = rb"PK\x03\x04(?s:.{26})"
"""The 30 bytes of a zip archive before the name of its first entry."""

_STRING = rb"\"(?:[^\"\\]|\\.)*\""
_MEMBER = rb"\s*+\{\s*+" + _STRING + rb"\s*:"
"""The beginning of an object in JSON."""
_CX = rb"\s*\[\s*\{\s*\"(?:numberVerification|CXVersion|@context|metaData)\""
_LINES = _MEMBER + rb"[^\n]*\}\s*\n" + _MEMBER
_CELL = rb"(?:" + _STRING + rb"|-?[\d.]++|true|false|null)"
_PAIRS = rb"\s*\[\s*\[\s*" + _CELL + rb"\s*,\s*(?:[\"\d-]|true|false|null)"

SIGNATURES: dict[str, bytes] = {
    ".npy": rb"\x93NUMPY",
    ".npz": _ENTRY + rb"[^\x00-\x1f]{1,200}?\.npy",
    ".parquet": rb"PAR1[\x00-\x08\x0e-\x1f]",
    ".feather": rb"ARROW1\x00\x00",
    ".h5ad": rb"\x89HDF\r\n\x1a\n",
    ".mtx": rb"%%?MatrixMarket\s",
    ".graphml": _PROLOGUE + rb"graphml\b",
    ".gexf": _PROLOGUE + rb"gexf\b",
    ".gml": rb"(?:\s*#[^\n]*\n)*\s*(?:[a-z]\w*[ \t]+(?:\"[^\"]*\"|[-+.\w]+)\s+)*graph\s*\[",
    ".net": rb"(?:\s*%[^\n]*\n)*\s*\*(?:vertices|network)\b",
    ".jsonl": _LINES,
    ".json": rb"(?!" + _CX + rb")(?:\s*+\[?" + _MEMBER + rb"|" + _PAIRS + rb")",
}
"""First bytes of a file of each form, by the suffix of its reader."""

_COMMENTS = rb"(?:\s*+(?:#[^\n]*+|//[^\n]*+|(?>/\*(?s:.*?)\*/)))*+\s*+"
_IRI = rb"<\w+:[^>\s]*>"

TOLD: dict[str, bytes] = {
    "a web page, not a graph; fetch the file itself": _PROLOGUE + rb"html\b|\s*+<!DOCTYPE\s+html\b",
    "XGMML; in Cytoscape export the network as GraphML": _PROLOGUE + rb"graph\b[^>]*XGMML",
    "DynetML; in ORA export the network as GraphML": _PROLOGUE + rb"(?:Dynamic|Meta)\w*Network\b",
    "N-Triples; write subject and object of each triple to a .csv": rb"\s*" + _IRI + rb"[ \t]+"
    + _IRI + rb"[ \t]+[<\"_][^\n]*\.\s*(?:\n|$)",
    "XML that is neither GraphML nor GEXF; export it as GraphML": rb"\s*<(?:\?xml\b|!DOCTYPE\b|"
    rb"(?!\w+://)[a-z][\w:.-]*(?:\s+[\w:.-]+\s*=|(?s:.*?)(?:</|/>)))",
    "CX; in Cytoscape export the network as GraphML": _CX,
    "a DOT file; networkx.nx_pydot.read_dot reads it: write it with networkx.write_graphml":
    _COMMENTS + rb"(?:strict\s+)?(?:di)?graph\b[^\n\[{]*\s*\{",
    "a UCINET DL file; export it as Pajek (.net) or as an edge list": rb"\s*dl[\s,]+n[mrc]?\s*=",
    "a DIMACS file; keep the ends of its edges: grep '^[ea] ' FILE | cut -d' ' -f2,3":
    rb"(?:c\b[^\n]*\n)*p\s+(?:edge|col|sp|tw|max|asn)\s+\d+\s+\d+",
    "SQL; export the table of edges as .csv, as psql's \\copy edges TO 'edges.csv' CSV does":
    rb"(?:\s*+(?:--[^\n]*+\n|(?>/\*(?s:.*?)\*/);?))*+\s*+(?:CREATE\s+TABLE\s[^(\n]*\(|"
    rb"INSERT\s+INTO\s[^\n]*?\b(?:VALUES|SELECT)\b|"
    rb"(?:SET|PRAGMA|USE|DROP|BEGIN|LOCK|SELECT|ALTER)\b[^\n]*;[ \t]*(?:\n|$)|"
    rb"COPY\s[^\n]*\bFROM\s+stdin\b)",
    "an SQLite database; export the table of edges as .csv": rb"SQLite format 3\x00",
    "a file of torch.save, which is never unpickled; numpy.savez(FILE, edge_index=..., x=..., "
    "y=...) writes what is read here":
    _ENTRY + rb"[^\x00-\x1f]{0,200}?(?:data\.pkl|\.format_version)",
    "a Cytoscape session; in Cytoscape export the network as GraphML": _ENTRY
    + rb"CytoscapeSession",
    "an office document; export the table as .csv": rb"\xd0\xcf\x11\xe0|" + _ENTRY
    + rb"(?:\[Content_Types\]|xl/|word/|_rels/|docProps/|mimetype)",
    "an archive; unpack it, and name the file in it": rb"PK[\x03\x05\x07][\x04\x06\x08]|"
    rb"(?s:.{257})ustar|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07",
    "a PDF; export the table as .csv": rb"%PDF-\d",
    "a MATLAB file; scipy.io.loadmat reads it: write the matrix with scipy.sparse.save_npz":
    rb"MATLAB [57]\.\d MAT-file",
    "a Python pickle, which is never opened; networkx.write_graphml or scipy.sparse.save_npz "
    "write what is read here": rb"\x80[\x02-\x05]",
    "a graph-tool file; write it with Graph.save('graph.graphml')": rb"\xe2\x9b\xbe gt",
    "an R data file; write it with igraph::write_graph(g, 'graph.graphml', 'graphml')":
    rb"RDX[23]\n[XA]\n|RDA[23]\n[XA]\n|X\n\x00",
    "a Python dictionary; networkx.Graph makes a graph of it: write that with "
    "networkx.write_graphml": rb"\s*(?:\w+\(<class '\w+'>,\s*)?"
    rb"\{\s*(?:'[^'\n]*'|-?\d+)\s*:\s*(?:[\[{('\"]|set\()",
    "Python's tuples; networkx.relabel_nodes(graph, str) names such vertices, and csv.writer "
    "writes pairs, a line for each edge": rb"\s*\([^()\n]*\)[ \t,]*(?:\n|\()",
    "lines of lists; tr -d '[]' < FILE takes the brackets off":
    rb"\s*\[[^\[\]\n]+,[^\[\]\n]+\][ \t,]*\n\s*\[",
    "graph6 or sparse6; networkx.read_graph6 or read_sparse6 reads it: write it with "
    "networkx.write_graphml": rb">>(?:graph|sparse|digraph)6<<",
    "a GDF file; open it in Gephi and export it as GraphML": rb"nodedef\s*>",
    "a VNA file; open it in Gephi and export it as GraphML": rb"\s*\*node data\b",
    "a LEDA graph; networkx.read_leda reads it: write it with networkx.write_graphml":
    rb"(?:#[^\n]*\n)*+LEDA\.GRAPH\b",
    "a TGF file: vertices, a line #, edges; keep the lines after # as an edge list":
    rb"(?:[^\n#%][^\n]*\n)+#[ \t]*\n[^\n]",
    "a Git LFS pointer and not the file; fetch it with git lfs pull": rb"version https://git-lfs",
    "a web server's answer that there is no such file; fetch it again": rb"404: Not Found",
    "compressed by bzip2; decompress it first, or use .gz": rb"BZh[1-9]1AY&SY",
    "compressed by xz; decompress it first, or use .gz": rb"\xfd7zXZ\x00",
    "compressed by zstd; decompress it first, or use .gz": rb"\x28\xb5\x2f\xfd",
    "compressed by lz4; decompress it first, or use .gz": rb"\x04\x22\x4d\x18",
    "a Feather file of version 1; write it with pandas.DataFrame.to_parquet": rb"FEA1[\x00-\x08]",
}  # fmt: skip
"""Forms that are recognised and not read, each with the way to convert it; the first that fits is
told."""

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
    for what, signature in TOLD.items():
        if re.match(signature, start, re.IGNORECASE):
            raise InputError(f"{label}: is {what}")


TABLES = (".npy", ".npz", ".parquet")
"""Forms that features and labels may have beside text."""

_OF_GRAPHS = ("networkx", "GraphML", "Gephi", "edges", "neighbour")
"""Words of remedies that do not help with a table of vertices."""


def held(source: Source) -> Source:
    """The same input; what can be read once only, as a pipe, with its bytes."""
    if source.is_stdin or is_special(source.path):
        return source.holding(source.read_bytes())
    return source


def as_table(source: Source) -> Source:
    """A file of features or labels, with the form that its first bytes tell.

    Raises:
        InputError: a form that is known and no table.
    """
    source = held(source)
    data = first_bytes(source)
    form = form_of(data)
    if form == ".feather":
        from tvgnn_cli.io.feather import as_parquet

        return as_parquet(source)
    if form in TABLES:
        return replace(source, form=form)
    remedy = "a table of vertices is text (.csv .tsv .txt), .parquet, .npy or .npz"
    if form is not None and form != ".net":
        raise InputError(f"{source.label}: holds {form[1:]} data; {remedy}")
    try:
        refuse_told(data, source.label)
    except InputError as error:
        what, _, way = str(error).partition("; ")
        if way and not any(word in way for word in _OF_GRAPHS):
            raise
        raise InputError(f"{what}; {remedy}") from None
    return source
