"""The flow as other libraries have it: scikit-learn, scanpy."""
