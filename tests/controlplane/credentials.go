package main

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// The user that people and tests are.
const adminUser = "admin"

// credentials are the secrets of one control plane. All users are in group system:masters: what is
// tested here is not how Kubernetes' own parts are authorized.
type credentials struct {
	layout      layout
	certificate []byte            // serving certificate followed by its authority, PEM
	tokens      map[string]string // user name to bearer token
}

func newCredentials(files layout) (*credentials, error) {
	certificate, key, err := cert.GenerateSelfSignedCertKey("localhost", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		return nil, fmt.Errorf("serving certificate: %w", err)
	}
	serviceAccountKey, err := keyutil.MakeEllipticPrivateKeyPEM()
	if err != nil {
		return nil, fmt.Errorf("service account key: %w", err)
	}
	c := &credentials{layout: files, certificate: certificate, tokens: map[string]string{}}
	var table strings.Builder
	for _, user := range append([]string{adminUser}, wantedParts(true)[2:]...) {
		token := make([]byte, 16)
		if _, err := rand.Read(token); err != nil {
			return nil, err
		}
		c.tokens[user] = hex.EncodeToString(token)
		fmt.Fprintf(&table, "%s,%s,%s,system:masters\n", c.tokens[user], user, user)
	}
	for path, content := range map[string][]byte{
		c.certificateFile():       certificate,
		c.keyFile():               key,
		c.serviceAccountKeyFile(): serviceAccountKey,
		c.tokenFile():             []byte(table.String()),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *credentials) certificateFile() string       { return c.layout.dataFile("serving.crt") }
func (c *credentials) keyFile() string               { return c.layout.dataFile("serving.key") }
func (c *credentials) serviceAccountKeyFile() string { return c.layout.dataFile("service-account.key") }
func (c *credentials) tokenFile() string             { return c.layout.dataFile("tokens.csv") }

// roots trusts every part of this control plane: they share one serving certificate.
func (c *credentials) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(c.certificate)
	return pool
}

// restConfig is how the supervisor itself talks to the API server.
func (c *credentials) restConfig(server string) *rest.Config {
	return &rest.Config{
		Host:            server,
		BearerToken:     c.tokens[adminUser],
		TLSClientConfig: rest.TLSClientConfig{CAData: c.certificate},
		QPS:             -1,
	}
}

// writeKubeconfig writes a kubeconfig with one context, named wellhead, for the user.
func (c *credentials) writeKubeconfig(path, server, user string) error {
	const name = "wellhead"
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: c.certificate}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{Token: c.tokens[user]}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: user}
	config.CurrentContext = name
	text, err := clientcmd.Write(*config)
	if err != nil {
		return err
	}
	return writeFile(path, text, 0o600)
}
