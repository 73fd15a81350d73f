"""No cell of grades.csv begins as a spreadsheet's formulas do."""


def test_formulas_in_the_table(results):
    cells = [cell for row in results.rows for cell in row.values()]
    starts = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
    assert not [cell for cell in cells if cell.startswith(starts)]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
