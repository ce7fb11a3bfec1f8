import Dispatch
import Foundation
import OpenSSL
import OpenSSLCommand
import PKI
import Primitives
import Revocation
import Synchronization
import TestPKI

/// An OCSP responder made of the `openssl` program, with its answers in its hands: whose key signs, what it knows, how long it holds.
final class Responder: StatusTransport {
    enum Manner: Sendable {
        case honest
        /// Signs with the issuer's own key.
        case asIssuer
        /// Signs with a certificate of the issuer that is not for this.
        case undelegated
        /// Signs with a delegated key of the root, which did not issue the card.
        case ofAnother
        /// What it answered the first time, whatever is asked.
        case repeating
        case silent
        case bytes([UInt8])
        case unreachable
    }

    private struct State {
        var manner = Manner.honest
        var index = ""
        var minutes = 600
        var last: [UInt8]?
        var asked = 0
    }

    private let command: OpenSSLCommand
    private let signers: Signers
    private let state = Mutex(State())

    /// The signers, made once: each takes `openssl` some time.
    private static let signers = Result { try Signers(Lists()) }
    private static let queue = DispatchQueue(label: "responders")

    init() throws {
        signers = try Self.signers.get()
        command = try OpenSSLCommand()
    }

    deinit { command.remove() }

    var manner: Manner {
        get { state.withLock { $0.manner } }
        set { state.withLock { $0.manner = newValue } }
    }
    /// Life of an answer.
    var minutes: Int {
        get { state.withLock { $0.minutes } }
        set { state.withLock { $0.minutes = newValue } }
    }
    var asked: Int { state.withLock { $0.asked } }

    /// What it knows: a line of OpenSSL's index for each certificate.
    func knows(_ serial: [UInt8], isRevoked: Bool) {
        let number = Hex.encode(serial, uppercase: true)
        let line =
            isRevoked
            ? "R\t330101000000Z\t260101000000Z,keyCompromise\t\(number)" : "V\t330101000000Z\t\t\(number)"
        state.withLock { $0.index = "\(line)\tunknown\t/CN=card\n" }
    }

    func ask(_ question: [UInt8], at address: WebAddress, largest: Int) async throws(FetchFailure)
        -> [UInt8]
    {
        let (manner, last) = state.withLock { state in
            state.asked += 1
            return (state.manner, state.last)
        }
        switch manner {
        case .silent:
            try? await Task.sleep(for: .seconds(3600))
            throw .tooSlow
        case .unreachable: throw .unreachable("refused")
        case .bytes(let bytes): return bytes
        case .repeating: if let last { return last }
        case .honest, .asIssuer, .undelegated, .ofAnother: break
        }
        // The program blocks, which the few threads that tests share must not.
        let result: Result<[UInt8], any Error> = await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: Result { try self.answer(question, manner) }) }
        }
        do {
            let answer = try result.get()
            state.withLock { $0.last = answer }
            return answer
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private func answer(_ question: [UInt8], _ manner: Manner) throws -> [UInt8] {
        let (index, minutes) = state.withLock { ($0.index, $0.minutes) }
        try Data(question).write(to: URL(fileURLWithPath: command.path("question.der")))
        try command.write(index, to: "index.txt")
        let signer =
            switch manner {
            case .asIssuer: "issuing"
            case .undelegated: "undelegated"
            case .ofAnother: "other"
            default: "delegated"
            }
        let folder = signers.folder
        try command.run(
            "ocsp", "-index", "index.txt", "-CA", "\(folder)/issuing.pem", "-rsigner", "\(folder)/\(signer).pem", "-rkey",
            "\(folder)/\(signer).key.pem", "-reqin", "question.der", "-respout", "answer.der", "-nmin", "\(minutes)")
        return try command.bytes("answer.der")
    }
}

/// Certificates that sign answers, rightly and wrongly, with their keys, as files.
private struct Signers: Sendable {
    private let command: OpenSSLCommand
    var folder: String { command.folder.path }

    init(_ made: Lists) throws {
        command = try OpenSSLCommand(isKept: true)
        for (name, certificate) in [("root", "anchors/root.pem"), ("issuing", "intermediates/issuing.pem")] {
            for (file, copy) in [("private/\(name).key.pem", "\(name).key.pem"), (certificate, "\(name).pem")] {
                try command.write(String(decoding: try made.bytes("\(made.pki)/\(file)"), as: UTF8.self), to: copy)
            }
        }
        try delegate("delegated", under: "issuing", purpose: "1.3.6.1.5.5.7.3.9")
        try delegate("undelegated", under: "issuing", purpose: "1.3.6.1.5.5.7.3.2")
        try delegate("other", under: "root", purpose: "1.3.6.1.5.5.7.3.9")
    }

    private func delegate(_ name: String, under issuer: String, purpose: String) throws {
        try command.write(
            """
            basicConstraints = CA:FALSE
            keyUsage = critical, digitalSignature
            extendedKeyUsage = \(purpose)
            subjectKeyIdentifier = hash
            authorityKeyIdentifier = keyid
            """, to: "\(name).ext")
        try command.run(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key.pem", "-subj",
            "/C=FR/CN=TEST \(name)", "-out", "\(name).csr")
        try command.run(
            "x509", "-req", "-in", "\(name).csr", "-CA", "\(issuer).pem", "-CAkey", "\(issuer).key.pem", "-days", "30", "-extfile",
            "\(name).ext", "-set_serial", "0x1120\(Hex.encode(SystemRandom().bytes(8)))", "-out", "\(name).pem")
    }
}
