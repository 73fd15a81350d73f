"""A symbolic link in an archive, to a file of the machine or of another student, is refused."""

import stat
import zipfile


def test_link_in_a_zip(hand_in, zipped, house):
    link = zipfile.ZipInfo("t03_attention_decoding.py")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive = zipped({link: str(house.solution(house.topic("t03")))})
    hand_in(archive).is_refused("is no ordinary file")
