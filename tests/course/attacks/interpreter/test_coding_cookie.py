"""A declaration of a strange encoding is a comment: the text was decoded before."""

ATTACK = """
# -*- coding: rot13 -*-
# vim: set fileencoding=idna :
"""


def test_coding_cookie(attack):
    attack(ATTACK).is_honest()
