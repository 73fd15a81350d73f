"""An archive in an archive is opened in memory, but not without end, and not beyond the limits on one hand-in."""

import io
import zipfile

from attend.submissions.candidates import MAX_NESTED


def wrap(data: bytes, name: str, compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def test_zip_in_a_zip(hand_in, zipped, honest):
    inner = zipped({"t03_attention_decoding.py": honest}).read_bytes()
    hand_in(zipped({"inner/t03_attention_decoding.zip": inner})).is_honest()


def test_zips_in_zips_without_end(hand_in, zipped, honest):
    data = honest.encode()
    for depth in range(MAX_NESTED + 1):
        data = wrap(data, "t03_attention_decoding.py" if depth == 0 else "inner.zip")
    hand_in(zipped({"inner.zip": data})).is_refused("is a zip in 3 others")


def test_zips_that_swell(hand_in, zipped, honest):
    bomb = wrap(bytes(63 << 20), "a.py", zipfile.ZIP_DEFLATED)
    middle = wrap(bomb, "b.zip", zipfile.ZIP_DEFLATED)
    names = {f"{number}.zip": middle for number in range(200)}
    hand_in(zipped({**names, "t03_attention_decoding.py": honest})).is_honest()
