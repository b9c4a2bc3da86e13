"""What a pack is: its tree, components, frontmatter, checks and wheel. Knows no project."""
