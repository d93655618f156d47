from libs.common.db.migrations import run_environment

run_environment()
