"""Wrong answers to the tiny course."""

from attend.course.bank import misconception


@misconception("scale", "You add the factor, and it multiplies.")
def factor_added(x, factor):
    return x + factor


@misconception("scale", "You divide by the factor.")
def divided(x, factor):
    return x / factor


@misconception("scale", "You never use the factor.")
def factor_not_used(x, factor):
    return x + x


@misconception("shifted", "You shift before you scale.")
def shift_first(x, factor, offset):
    return scale(x + offset, factor)


@misconception("shifted", "You take the offset away.")
def offset_taken_away(x, factor, offset):
    return scale(x, factor) - offset


@misconception("shifted", "You never use the offset.")
def offset_not_used(x, factor, offset):
    return scale(x, factor)
