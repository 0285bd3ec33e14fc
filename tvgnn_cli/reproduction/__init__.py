"""The paper's experiments, run by one command each, beside what it reports of them."""
