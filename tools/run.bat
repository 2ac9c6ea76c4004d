@echo off
rem The stress test from Windows: forwards to tools/run.sh in WSL 2.
where wsl >nul 2>nul || (echo run.bat: WSL 2 is needed: run "wsl --install" once, then try again. & exit /b 3)
pushd "%~dp0.."
set "WSLENV=WS_URL:CONNECTIONS:MESSAGES:%WSLENV%"
wsl ./tools/run.sh %*
set "status=%errorlevel%"
popd
exit /b %status%
