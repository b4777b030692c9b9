"""The compiled helpers of CS231n: windows of images as columns, and back."""

from __future__ import annotations

import pytest

from ..analysing import report_of
from ..driving.judging import assert_right

LOOPS = """
import numpy as np
from cs231n.im2col_cython import col2im_6d_cython
try:
    from .im2col_cython import col2im_cython, im2col_cython
except ImportError:
    print("run setup.py build_ext first")

def conv_forward(x, w, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    rows, columns = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    {forward}
    return out, (x, w, conv_param, cols)

def conv_backward(dout, cache):
    x, w, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    {backward}
    return dx, dw
"""
STRIDES = """wide = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    high, across = H + 2 * pad, W + 2 * pad
    steps = (high * across, across, 1, C * high * across, stride * across, stride)
    cols = np.lib.stride_tricks.as_strided(
        wide, shape=(C, HH, WW, N, rows, columns), strides=x.itemsize * np.array(steps))
    cols = np.ascontiguousarray(cols)
    cols.shape = (C * HH * WW, -1)
    out = w.reshape(F, -1).dot(cols).reshape(F, N, rows, columns).transpose(1, 0, 2, 3)"""
SIX = """flat = dout.transpose(1, 0, 2, 3).reshape(F, -1)
    dw = flat.dot(cols.T).reshape(w.shape)
    dcols = w.reshape(F, -1).T.dot(flat)
    dcols.shape = (C, HH, WW, N, dout.shape[2], dout.shape[3])
    dx = col2im_6d_cython(dcols, N, C, H, W, HH, WW, pad, stride)"""
COLUMNS = """cols = im2col_cython(x, HH, WW, pad, stride)
    out = w.reshape(F, -1).dot(cols).reshape(F, rows, columns, N).transpose(3, 0, 1, 2)"""
BACK = """flat = dout.transpose(1, 2, 3, 0).reshape(F, -1)
    dw = flat.dot(cols.T).reshape(w.shape)
    dx = col2im_cython(w.reshape(F, -1).T.dot(flat), N, C, H, W, HH, WW, pad, stride)"""


@pytest.mark.parametrize(("forward", "backward"), [(STRIDES, SIX), (COLUMNS, BACK)])
def test_a_convolution_by_compiled_windows_is_judged(forward: str, backward: str) -> None:
    text = LOOPS.format(forward=forward, backward=backward)
    assert_right(text, "x", "w")
    slip = report_of(text.replace(".dot(flat)", ".dot(2 * flat)"))
    assert slip.verdict.value in ("wrong", "suspect")
