"""Composition: settings, web, worker, command line, problem JSON, the demo.

The only place that reads the environment, knows every module and catches what nobody expected.
"""
