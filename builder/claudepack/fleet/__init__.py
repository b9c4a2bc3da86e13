"""The same job for many repositories: named by a file, done by any executor, pushed as branches."""
