"""Classification of graphs: training, application, results."""
