"""RS256 as Lago signs it: the body inside a JWT, checked with a public key. No Odoo in here."""

import base64
import json
from functools import lru_cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY_BITS = 2048
LINE = 45  # bytes of a line of Ruby's Base64.encode64: 60 characters


def new_private_key() -> str:
    """A new RSA key, PEM (PKCS #8, not encrypted)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_key(private_key: str) -> str:
    """Base64, in lines, of the public key's PEM: what Lago's clients expect to decode."""
    pem = (
        _load(private_key)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    parts = (pem[start : start + LINE] for start in range(0, len(pem), LINE))
    return "".join(f"{base64.b64encode(part).decode()}\n" for part in parts)


def sign_jwt(private_key: str, body: bytes, issuer: str) -> str:
    """``header.claims.signature``; the claims are exactly ``data`` (the raw body) and ``iss``."""
    claims = {"data": body.decode(), "iss": issuer}
    content = f"{_part({'alg': 'RS256'})}.{_part(claims)}"
    signature = _load(private_key).sign(content.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{content}.{_url_safe(signature)}"


@lru_cache(maxsize=64)
def _load(private_key: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def _part(value: dict) -> str:
    return _url_safe(json.dumps(value, separators=(",", ":")).encode())


def _url_safe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
