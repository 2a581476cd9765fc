"""What the machine reports: CPU, memory, cgroup, power, temperature."""
