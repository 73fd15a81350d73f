"""No name is looked up: a question to a name server would be a message to whoever runs it."""

ATTACK = """
import socket

loot = []
for look_up in (socket.gethostbyname, lambda name: socket.getaddrinfo(name, 80), socket.gethostbyname_ex):
    try:
        loot.append(look_up("the-answers.example.org"))
    except OSError:
        pass


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_names(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
