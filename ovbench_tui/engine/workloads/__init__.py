"""What is fed to the infer requests, and when: one module for each workload."""
