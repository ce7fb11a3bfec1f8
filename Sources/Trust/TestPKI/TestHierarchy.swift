import OpenSSL
package import Primitives

/// A test certificate hierarchy shaped like IGC-Santé's published TEST range FORT: a root, the authority for persons, their lists.
///
/// It lives in a folder: `anchors/` and `intermediates/` (PEM), `crls/` (DER) are what a verifier is given; `private/` (mode 0600)
/// holds the keys and the revocation state. One writer at a time.
package struct TestHierarchy: Sendable {
    let folder: Folder
    let root: Authority
    let issuing: Authority
    let time: any TimeSource
    let random: any RandomSource

    private static let listLife: Int64 = 7 * 86_400
    private static let renewListsAfter: Int64 = 86_400

    /// Opens the hierarchy in `path`, or makes one there, with RSA keys of `bits`, when the folder has none.
    ///
    /// Lists older than a day are issued again, so that a folder kept for long still verifies.
    package static func open(
        _ path: String, bits: Int = 2048, time: any TimeSource = SystemTime(), random: any RandomSource = SystemRandom()
    ) throws(TestPKIError) -> TestHierarchy {
        let folder = Folder(path: path)
        if !folder.subfolder("private").holds("issuing.key.pem") {
            try make(in: folder, bits: bits, random: random)
        }
        let hierarchy = TestHierarchy(
            folder: folder, root: try authority(AuthorityNames.fort.root, "anchors", "root", in: folder),
            issuing: try authority(AuthorityNames.fort.issuing, "intermediates", "issuing", in: folder), time: time, random: random)
        if time.now().seconds - (try hierarchy.state().issuedAt) >= renewListsAfter {
            try hierarchy.issueRevocationLists()
        }
        return hierarchy
    }

    /// Issues both revocation lists now; they hold for seven days from `thisUpdate` (now when `nil`).
    package func issueRevocationLists(thisUpdate: Timestamp? = nil) throws(TestPKIError) {
        try publish(try state(), at: (thisUpdate ?? time.now()).seconds)
    }

    /// Puts a serial number (unsigned bytes) on the issuing authority's list and issues the lists again.
    package func revoke(serial: [UInt8]) throws(TestPKIError) {
        var state = try state()
        state.entries.append(.init(serial: serial, revokedAt: time.now().seconds - 60))
        try publish(state, at: time.now().seconds)
    }

    private func state() throws(TestPKIError) -> RevocationState {
        let keys = folder.subfolder("private")
        guard keys.holds(RevocationState.file) else { return RevocationState() }
        guard let state = RevocationState(try keys.read(RevocationState.file)) else {
            throw .malformed(path: "\(keys.path)/\(RevocationState.file)")
        }
        return state
    }

    private func publish(_ old: RevocationState, at seconds: Int64) throws(TestPKIError) {
        var state = old
        state.number += 1
        state.issuedAt = seconds
        let lists = folder.subfolder("crls")
        try lists.write(try list(of: root, [], state), to: RevocationListFile.root)
        try lists.write(try list(of: issuing, state.entries, state), to: RevocationListFile.issuing)
        try folder.subfolder("private").write(state.bytes, to: RevocationState.file, mode: 0o600)
    }

    private func list(
        of authority: Authority, _ entries: [RevocationListBuilder.Entry], _ state: RevocationState
    ) throws(TestPKIError) -> [UInt8] {
        let extensions = [
            Extensions.authorityKey(try authority.keyIdentifier()),
            CertificateExtension(ObjectIdentifier.revocationListNumber, DER.integer(state.number)),
        ]
        return try crypto { () throws(OpenSSLError) in
            try RevocationListBuilder(
                issuer: authority.name, thisUpdate: state.issuedAt, nextUpdate: state.issuedAt + Self.listLife, entries: entries,
                extensions: extensions
            ).signed(by: authority.key)
        }
    }

    private static func make(in folder: Folder, bits: Int, random: any RandomSource) throws(TestPKIError) {
        for name in ["anchors", "intermediates", "crls"] { try folder.subfolder(name).create(mode: 0o755) }
        let keys = folder.subfolder("private")
        try keys.create(mode: 0o700)
        let root = try Authority.root(.fort, bits: bits, random: random)
        let issuing = try root.issuing(.fort, bits: bits, random: random)
        try folder.subfolder("anchors").write(try pem(root.certificate), to: "root.pem")
        try folder.subfolder("intermediates").write(try pem(issuing.certificate), to: "issuing.pem")
        try keys.write(try crypto { () throws(OpenSSLError) in try root.key.pem() }, to: "root.key.pem", mode: 0o600)
        try keys.write(try crypto { () throws(OpenSSLError) in try issuing.key.pem() }, to: "issuing.key.pem", mode: 0o600)
    }

    private static func authority(
        _ name: DistinguishedName, _ certificates: String, _ file: String, in folder: Folder
    ) throws(TestPKIError) -> Authority {
        let certificate = try folder.subfolder(certificates).read("\(file).pem")
        let key = try folder.subfolder("private").read("\(file).key.pem")
        return try crypto { () throws(OpenSSLError) in
            Authority(name: name, certificate: try Certificate(pem: certificate), key: try PrivateKey(pem: key))
        }
    }

    private static func pem(_ certificate: Certificate) throws(TestPKIError) -> [UInt8] {
        try crypto { () throws(OpenSSLError) in try certificate.pem() }
    }
}
