//! Certificates for servers that speak TLS: an authority of their own, made by openssl in the server's directory.

/// The file with the certificate of the authority.
pub(crate) const AUTHORITY: &str = "authority.pem";
/// The server's own certificate, good for `localhost` and 127.0.0.1, and its key.
pub(crate) const CERTIFICATE: &str = "server.pem";
pub(crate) const KEY: &str = "server.key";

/// Makes all three.
pub(crate) const PREPARE: &str = r#"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=authority of a test" \
    -keyout authority.key -out authority.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' >extensions
openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile extensions \
    -out server.pem
chmod 600 server.key
"#;
