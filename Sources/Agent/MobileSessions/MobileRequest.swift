package import Habilitation
package import Sessions

/// What a device asks the listener for, with what the door has found out about who asks: the parameters are of the form they should have,
/// and the proof of the device's key (RFC 9449) is good.
package struct MobileRequest: Hashable, Sendable {
    /// The program on the device: an entry of `clients` for devices.
    package let client: Client
    /// Network address that it came from.
    package let address: String
    /// What limits count by: that address, or the part of an IPv6 address that a household or a ward shares.
    package let network: String
    /// Of the key that the device has proven to have (RFC 7638).
    package let thumbprint: String
    /// Name of the device, as it calls itself.
    package let deviceName: String?
    /// What is asked for; empty for all that may be had.
    package let scopes: [Scope]
    /// The service that the token is for (RFC 8707 `resource`); `nil` where the program serves one alone.
    package let resource: String?

    package init(
        client: Client, address: String, network: String, thumbprint: String, deviceName: String?, scopes: [Scope], resource: String?
    ) {
        self.client = client
        self.address = address
        self.network = network
        self.thumbprint = thumbprint
        self.deviceName = deviceName
        self.scopes = scopes
        self.resource = resource
    }
}

/// What a token is asked for with (RFC 6749 §4.5).
package enum MobileGrant: Hashable, Sendable {
    /// The code that the workstation showed, and the two digits that the device shows.
    case preAuthorized(code: String, digits: String)
    /// The code behind the one that the device shows (RFC 8628 §3.4).
    case device(code: String)
    case refresh(token: String)
}
