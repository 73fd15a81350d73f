"""Neither names nor lines of a submission command the terminal that the instructor reads them in."""


def test_commands_to_the_terminal(results):
    for character in ("\x1b", "\x07", "\r", "\u202e", "\u2066"):
        assert character not in results.printed.replace("\r\n", "\n"), ascii(character)
