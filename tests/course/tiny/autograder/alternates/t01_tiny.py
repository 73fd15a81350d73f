"""Right answers to the tiny course, of other shapes."""

import numpy as np

from attend.course.bank import alternate


@alternate("scale")
def scale_by_multiply(x, factor):
    return np.multiply(x, factor)


@alternate("scale")
def scale_one_by_one(x, factor):
    answer = np.empty_like(x)
    for index in np.ndindex(x.shape):
        answer[index] = x[index] * factor
    return answer


@alternate("shifted")
def shifted_by_add(x, factor, offset):
    return np.add(offset, scale(x, factor))


@alternate("shifted")
def shifted_without_scale(x, factor, offset):
    return factor * x + offset
