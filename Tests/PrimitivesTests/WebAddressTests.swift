import Primitives
import Testing

struct WebAddressTests {
    @Test(arguments: [
        "http://a.example", "http://a.example:8080/x/y.crl?z=1", "https://[::1]/",
        "http://127.0.0.1:1/",
    ])
    func httpAddressesAreTaken(text: String) { #expect(WebAddress(text)?.text == text) }

    @Test(arguments: [
        "", "a.example", "ldap://a.example/x", "file:///etc/passwd", "http://", "http:///x",
        "http://:80/", "http://user@a.example/",
        "http://a.example/a b", "http://a.example/\u{E9}", "http://a.example/\n",
        "http://a.example/" + String(repeating: "x", count: 1024),
    ])
    func anythingElseIsNot(text: String) { #expect(WebAddress(text) == nil) }
}
