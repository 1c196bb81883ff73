"""Customs: files, declarations, tasks, fapiaos, refunds."""
