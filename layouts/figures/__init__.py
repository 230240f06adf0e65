"""`PairAnalysis` to Plotly figures and patches. Pure."""
