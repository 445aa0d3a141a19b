"""What runs inside the sandbox: the warm parent, its kernels and their fences."""
