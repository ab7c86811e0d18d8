"""What every benchmark needs: servers as child processes, rounds that alternate, load by wrk, rows and their report."""
