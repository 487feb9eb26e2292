"""Writes the .npy files of this folder with NumPy itself. Run: python make_npy.py (made with NumPy 1.24.2)."""
import os
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
rows = np.arange(12).reshape(3, 4) / 8 - 0.5


def save(name, array):
    np.save(os.path.join(here, name + ".npy"), array)


save("float32", rows.astype("<f4"))
save("float64", rows.astype("<f8"))
save("float16", rows.astype("<f2"))
save("scalar", np.array(2.5, dtype="<f4"))
save("vector", rows[0].astype("<f4"))
save("empty", np.zeros((0, 4), dtype="<f4"))
save("fortran", np.asfortranarray(rows.astype("<f4")))
save("big_endian", rows.astype(">f4"))
save("int64", np.arange(3))
save("complex", rows.astype("<c8"))
save("structured", np.zeros(2, dtype=[("a", "<f4"), ("b", "<f4")]))
save("object", np.array([1, None], dtype=object))
for major in (2, 3):
    with open(os.path.join(here, f"version{major}.npy"), "wb") as file:
        np.lib.format.write_array(file, rows.astype("<f4"), version=(major, 0))
