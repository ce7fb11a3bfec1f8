import Testing

@testable import MobileAPI

struct RemoteAddressTests {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "20010db800010002"),
        ("2001:db8:1:2::9", "2001:db8:1:2::9", "20010db800010002"), ("fe80::1%eth0", "fe80::1%eth0", "fe80000000000000"),
        ("unknown", "unknown", "unknown"),
    ])
    func limitsCountByAddressOrNetwork(_ address: String, _ text: String, _ network: String) {
        #expect(RemoteAddress(address).text == text)
        #expect(RemoteAddress(address).network == network)
    }
}
