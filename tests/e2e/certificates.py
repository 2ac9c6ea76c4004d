"""Certificates for the end-to-end tests, made by OpenSSL's own program: a CA, and what it has signed."""
import subprocess
import tempfile
from pathlib import Path

CA_CONFIGURATION = """
[ca]
default_ca = here
[here]
dir = {folder}
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[server]
subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1
extendedKeyUsage = serverAuth,clientAuth
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False, timeout=30)
    if done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(arguments)}\n{done.stderr}")


class Certificates:
    """A folder with ca.pem, server.pem, client.pem, expired.pem, and their keys as NAME.key."""

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory()
        self.folder = Path(self.holder.name)
        (self.folder / "ca.cnf").write_text(CA_CONFIGURATION.format(folder=self.folder), encoding="utf-8")
        (self.folder / "index.txt").touch()
        openssl("req", "-x509", *self.new_key("ca"), "-days", "2", "-subj", "/CN=test CA", "-out",
                self["ca.pem"])
        for name, days in (("server", ()), ("client", ()),
                           ("expired", ("-startdate", "20200101000000Z", "-enddate", "20200201000000Z"))):
            self.sign(name, days or ("-days", "2"))

    def __getitem__(self, name):
        return str(self.folder / name)

    def new_key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                self[f"{name}.key"])

    def sign(self, name, days):
        openssl("req", "-new", *self.new_key(name), "-subj", f"/CN={name}", "-out", self[f"{name}.csr"])
        openssl("ca", "-batch", "-notext", "-config", self["ca.cnf"], "-extensions", "server", "-cert",
                self["ca.pem"], "-keyfile", self["ca.key"], *days, "-in", self[f"{name}.csr"], "-out",
                self[f"{name}.pem"])

    def bundle(self, name):
        """Certificate and key in one file, as haproxy wants them."""
        path = self.folder / f"{name}-bundle.pem"
        parts = [Path(self[f"{name}.{kind}"]).read_text("utf-8") for kind in ("pem", "key")]
        path.write_text("".join(parts), encoding="utf-8")
        return str(path)

    def cleanup(self):
        self.holder.cleanup()
