_x, _w, _b = torch.randn(6, 4), torch.randn(3, 4), torch.randn(3)
_s, _c, _i, _k = torch.randn(5), torch.randn(5), torch.randn(5), torch.randn(5)
_r, _r1, _r2 = torch.randn(6, 3), torch.randn(5), torch.randn(5)
_all = (_x, _w, _b, _s, _c, _i, _k)
for _step in range(4):
    for _p in _all:
        _p.requires_grad_(True)
        _p.grad = None
    _sin, _cos = SinCos.apply(_i)
    _total = (LinearFunction.apply(_x, _w, _b) * _r).sum() + (Swish.apply(_s) * _r1).sum()
    _total = _total + (Scale.apply(_c, 2.5) * _r2).sum() + (Cube.apply(_k) * _r1).sum()
    _total = _total + (_sin * _r1 + _cos * _r2).sum()
    loss = float(_total)
    _total.backward()
    for _p in _all:
        _p.data -= 0.01 * _p.grad
