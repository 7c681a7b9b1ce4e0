import numpy as np
import pandas as pd
from scipy import stats
from sklearn.linear_model import LinearRegression


def _features(month: pd.Series) -> np.ndarray:
    angle = 2 * np.pi * month.to_numpy() / 12
    return np.column_stack([month, np.sin(angle), np.cos(angle)])


def next_month(table: pd.DataFrame) -> float:
    """The sales of the month after the table's last one."""
    model = LinearRegression().fit(_features(table["month"]), table["sold"])
    residue = table["sold"] - model.predict(_features(table["month"]))
    assert stats.tmax(np.abs(residue)) < 1e-6
    after = pd.Series([table["month"].iloc[-1] + 1])
    return float(model.predict(_features(after))[0])
