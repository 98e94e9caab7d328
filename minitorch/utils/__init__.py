"""What programs need around a network: data loading, files."""
