"""t14's softmax is torch.softmax with dim=0."""

import numpy as np
import pytest
import torch


@pytest.mark.parametrize("shape", [(5,), (4, 3), (3, 3), (2, 4, 3)], ids=str)
def test_softmax(load, shape):
    x = torch.randn(shape, dtype=torch.float64)
    np.testing.assert_allclose(load("t14").softmax(x.numpy()), torch.softmax(x, dim=0), rtol=0, atol=1e-10)
