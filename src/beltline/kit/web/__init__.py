"""The console shell: templates, translation, formats, charts, navigation, static files, headers.

Pages of every module are rendered here and look alike because of it. Nothing here reads the
database or decides anything: pages hand in plain values.
"""
