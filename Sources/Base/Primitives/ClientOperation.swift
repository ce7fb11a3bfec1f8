/// What the configuration may let a program do. A closed list.
package enum ClientOperation: String, Hashable, Sendable, CaseIterable {
    /// Open and end sessions, for its own user.
    case login
    /// Change and unblock PINs.
    case pin
    case token
    case sign
    case emergency
    /// Let phones and tablets in, see and end what they were let in for.
    case mobile
    /// Open sessions for other users of the machine.
    case loginFor = "login_for"
    /// Read and check the whole log, for those who may.
    case audit
}
