"""The methods that TVGNN is compared with; `tvgnn_cli.methods.METHODS` lists them all.

One file each, written from the method's own paper and sparse throughout. Those that are trained end
to end have no file: they are layers of `nn/` under the losses in `losses.py`.
"""
