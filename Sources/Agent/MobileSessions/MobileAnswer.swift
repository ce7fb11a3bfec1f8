/// What a device receives with the first token and with each refresh (RFC 6749 §5.1).
package struct MobileTokens: Hashable, Sendable {
    package let accessToken: String
    /// Seconds.
    package let expiresIn: Int64
    package let scopes: [String]
    package let refreshToken: String
    package let session: String
    /// Seconds that the session has left.
    package let sessionExpiresIn: Int64

    package init(
        accessToken: String, expiresIn: Int64, scopes: [String], refreshToken: String, session: String, sessionExpiresIn: Int64
    ) {
        self.accessToken = accessToken
        self.expiresIn = expiresIn
        self.scopes = scopes
        self.refreshToken = refreshToken
        self.session = session
        self.sessionExpiresIn = sessionExpiresIn
    }
}

/// The codes of the device grant (RFC 8628 §3.2).
package struct DeviceAuthorization: Hashable, Sendable {
    package let deviceCode: String
    /// For the person, such as `WDJB-MJHT`.
    package let userCode: String
    /// Seconds that both are good for, and between two questions.
    package let expiresIn: Int64
    package let interval: Int64

    package init(deviceCode: String, userCode: String, expiresIn: Int64, interval: Int64) {
        self.deviceCode = deviceCode
        self.userCode = userCode
        self.expiresIn = expiresIn
        self.interval = interval
    }
}

/// What a server fetches of the ends of sessions (RFC 8936 §2.4).
package struct SignalPage: Hashable, Sendable {
    package let signals: [SignalText]
    package let moreAvailable: Bool

    package init(signals: [SignalText], moreAvailable: Bool) {
        self.signals = signals
        self.moreAvailable = moreAvailable
    }
}

/// A signed security event token (RFC 8417), by its `jti`.
package struct SignalText: Hashable, Sendable {
    package let id: String
    package let token: String

    package init(id: String, token: String) {
        self.id = id
        self.token = token
    }
}
