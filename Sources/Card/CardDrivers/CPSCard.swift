package import Primitives
package import SmartCard

/// What can be done with a CPS card, inside one transaction.
///
/// Every operation begins by finding its way again, since other programs share the card and leave it where they like.
package struct CPSCard {
    let channel: any CardChannel
    let dialect: any CardDialect
    let generation: CardGeneration

    /// Throws ``CardError/cardForeign`` when the answer to reset is of no CPS card.
    package init(_ channel: any CardChannel, atr: [UInt8]) throws(CardError) {
        guard let generation = CardGeneration(atr: atr) else { throw .cardForeign }
        self.channel = channel
        self.generation = generation
        dialect = generation == .cps4 ? CPS4Dialect(channel) : CPS3Dialect(channel)
    }

    /// Reads EF.SN and the update marker. Throws ``CardError/cardForeign``, ``CardError/updateInterrupted``.
    package func identify() throws(CardError) -> CardIdentity {
        try dialect.open()
        let serial = try serial()
        let updated = generation == .cps3 ? try updateMarker() : []
        return CardIdentity(generation: generation, serial: serial, updated: updated)
    }

    /// Reads all that a login needs from EF.DIR on: directory files, PIN and key references, certificate.
    ///
    /// Throws ``CardError/cardContactless`` over the air, where there is nothing of it.
    package func readContent(_ identity: CardIdentity) throws(CardError) -> CardContent {
        guard generation != .cps3Contactless else { throw .cardContactless }
        let (application, directories) = try directories(of: CPSApplication.contact)
        let aodf = try contents(directories[0xA8], "AODF")
        let pin = try PKCS15Parser.pin(aodf)
        let found = try keysAndCertificates(application, directories)
        let (key, certificate) = try provingKey(found.keys, found.certificates)
        return CardContent(
            identity: identity, pin: pin, puk: try PKCS15Parser.puk(aodf), authenticationCertificate: certificate,
            application: application, authenticationKey: key,
            signature: signatureObjects(found.keys, found.certificates, aodf, holderPIN: pin), dataDirectories: directories[0xA7] ?? [])
    }

    /// Where an application is, and the directory files that its ODF names.
    func directories(of name: [UInt8]) throws(CardError) -> (application: [UInt8], directories: [UInt32: [[UInt8]]]) {
        guard let directory = try dialect.file([0x3F, 0x00, 0x2F, 0x00], "EF.DIR"),
            let application = try PKCS15Parser.application(name, inDirectory: directory)
        else { throw .cardForeign }
        guard let odf = try dialect.file(application + [0x50, 0x31], "ODF") else { throw .cardDamaged("ODF") }
        return (application, try PKCS15Parser.directories(odf, application: application))
    }

    /// What PrKDF and CDF name.
    func keysAndCertificates(
        _ application: [UInt8], _ directories: [UInt32: [[UInt8]]]
    ) throws(CardError) -> (keys: [KeyObject], certificates: [CertificateObject]) {
        let keys = try PKCS15Parser.keys(try contents(directories[0xA0], "PrKDF"))
        return (keys, try PKCS15Parser.certificates(try contents(directories[0xA4], "CDF"), application: application))
    }

    /// The key that proves its bearer, and its certificate: never the one that commits its holder (nonRepudiation).
    func provingKey(
        _ keys: [KeyObject], _ certificates: [CertificateObject]
    ) throws(CardError) -> (key: KeyObject, certificate: [UInt8]) {
        guard let key = keys.first(where: { $0.usage.contains(.sign) && !$0.usage.contains(.nonRepudiation) }),
            let certificate = certificates.first(where: { $0.id == key.id })
        else { throw .cardDamaged("no authentication key with a certificate") }
        return (key, try dialect.object(certificate.path, "certificate"))
    }

    /// Tries left, right after ``readContent(_:)``: the application is current still and is not selected again.
    package func pinStatusAfterReading(_ content: CardContent) throws(CardError) -> PINStatus {
        do throws(CardError) {
            return try dialect.pinStatus(content.pin, application: content.application)
        } catch {
            guard case .unexpectedStatus = error else { throw error }
            return try pinStatus(content)
        }
    }

    /// Tries left, without spending one.
    package func pinStatus(_ content: CardContent) throws(CardError) -> PINStatus {
        try enterApplication(content)
        return try dialect.pinStatus(content.pin, application: content.application)
    }

    /// Verifies the PIN and signs `digest` (SHA-256) with the authentication key, after making sure that this is the card that was
    /// read and that no more tries are at stake than the person was shown.
    ///
    /// At most one VERIFY is sent, and it is never repeated. Whatever happens after it, the card forgets the PIN when the transaction
    /// ends, unless another program had verified before us or `afterUse` says `leave`.
    ///
    /// - Parameter triesShown: what the person knew; when fewer are left now, or the card no longer tells:
    ///   ``CardError/triesChanged(triesLeft:)``, and nothing is sent.
    package func authenticate(
        _ content: CardContent, pin: borrowing Secret, triesShown: Int?, digest: [UInt8], afterUse: AfterUse
    ) throws(CardError) -> [UInt8] {
        try verifyPIN(content, pin: pin, triesShown: triesShown, afterUse: afterUse)
        return try dialect.authenticate(content.authenticationKey, digest: digest)
    }

    /// The same with the PIN entered on the reader's own keypad.
    package func authenticateByKeypad(
        _ content: CardContent, triesShown: Int?, digest: [UInt8], afterUse: AfterUse
    ) throws(CardError) -> [UInt8] {
        try verifyPINByKeypad(content, triesShown: triesShown, afterUse: afterUse)
        return try dialect.authenticate(content.authenticationKey, digest: digest)
    }

    func serial() throws(CardError) -> CardSerial {
        guard try dialect.select(CardSerial.path, sized: false) != nil else { throw .cardForeign }
        let response = try dialect.read(offset: 0, count: CardSerial.size)
        guard response.status == .ok else { throw .unexpectedStatus(response.status, during: "read EF.SN") }
        return try CardSerial(file: response.data)
    }

    /// EF_ACTUA: absent when the card was never updated; a start without an end is an update that was interrupted.
    private func updateMarker() throws(CardError) -> [UInt8] {
        guard let file = try dialect.file([0x3F, 0x00, 0xD0, 0x10], "EF_ACTUA") else { return [] }
        guard let template = (try? TLV.parse(file))?.first(where: { $0.tag == 0xEC }),
            template.child(0x81) != nil, template.child(0x82) != nil
        else { throw .updateInterrupted }
        return template.value
    }

    /// One chip has one number on both its interfaces, but its PIN on one only: what was read elsewhere does not hold here.
    func enterApplication(_ content: CardContent) throws(CardError) {
        guard content.identity.generation == generation else { throw .cardDiffers }
        guard try dialect.select(content.application, sized: false) != nil else { throw .cardDamaged("application") }
    }

    /// The entries of directory files, one file after the other: what pads the end of one must not hide the next.
    private func contents(_ paths: [[UInt8]]?, _ name: String) throws(CardError) -> [UInt8] {
        var all: [UInt8] = []
        for path in (paths ?? []).prefix(8) {
            let file = try dialect.file(path, name) ?? []
            do { all += try TLV.parse(file).flatMap(\.bytes) } catch { throw .cardDamaged(name) }
        }
        guard !all.isEmpty else { throw .cardDamaged(name) }
        return all
    }
}
