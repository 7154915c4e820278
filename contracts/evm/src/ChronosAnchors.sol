// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title ChronosAnchors
/// @notice Remembers when each Merkle root was first written to this chain. A root inside a block existed when that
/// block was made, whoever wrote it, so the owner's honesty is no part of any proof: the owner can add roots, and can
/// neither remove one nor change its time.
contract ChronosAnchors {
    /// @param window id of the collection window: its start in Unix seconds
    /// @param root root of the window's tree
    /// @param logSize number of records in the log of windows, this window's included
    /// @param logRoot root of that log
    struct Anchor {
        uint64 window;
        bytes32 root;
        uint64 logSize;
        bytes32 logRoot;
    }

    /// @notice A root was anchored, in the block and at the time that hold this event.
    event Anchored(uint64 indexed window, bytes32 indexed root, uint64 logSize, bytes32 logRoot);

    /// @notice The owner offered the contract to `newOwner`, or withdrew its offer when that is zero.
    event OwnershipTransferRequested(address indexed newOwner);

    /// @notice `newOwner` accepted the offer and is the owner now.
    event OwnershipTransferred(address indexed newOwner);

    /// @notice Only the owner may do this.
    error NotOwner();

    /// @notice Only the account that the owner offered the contract to may do this.
    error NotPendingOwner();

    /// @notice The list of anchors is empty.
    error NoAnchors();

    /// @notice The list has `count` anchors, more than 256.
    error TooManyAnchors(uint256 count);

    /// @notice Zero is no root: it is what `latestRoot` says before the first anchor.
    error ZeroRoot();

    /// @notice `root` was anchored before, in an earlier transaction or earlier in this list.
    error AlreadyAnchored(bytes32 root);

    // 6.7 million gas and 32,836 bytes of input: far inside Zilliqa's limits of 84 million a block and 128 KiB.
    uint256 private constant MAX_ANCHORS = 256;

    /// @notice The only account that may anchor.
    address public owner;

    /// @notice Window of the root that was anchored last. After a backlog it need not be the greatest anchored.
    uint64 public latestWindow;

    // 32 bits, so that owner, latestWindow and this share one storage slot: enough for 4,000 years
    // of a root every 30 s.
    uint32 private _anchorCount;

    /// @notice The account that may become the owner by `acceptOwnership`; zero: none.
    address public pendingOwner;

    /// @notice The root that was anchored last; zero: none yet.
    bytes32 public latestRoot;

    /// @notice Unix time, in seconds, of the block that anchored `root`; 0: never.
    mapping(bytes32 root => uint64 time) public anchoredAt;

    /// @notice The account that deploys the contract is its first owner.
    constructor() {
        owner = msg.sender;
    }

    modifier onlyOwner() {
        require(msg.sender == owner, NotOwner());
        _;
    }

    /// @notice Anchors 1 to 256 roots, in the order given, all or none. A root that is known already is refused, so
    /// that its first time stands and no root is paid for twice.
    /// @dev Windows may come in any order and more than once: the time is the block's, the window is only a label.
    /// @param anchors the roots to anchor; the last one becomes `latestRoot`
    function anchor(Anchor[] calldata anchors) external onlyOwner {
        uint256 count = anchors.length;
        require(count != 0, NoAnchors());
        require(count <= MAX_ANCHORS, TooManyAnchors(count));

        uint64 time = uint64(block.timestamp);
        for (uint256 i = 0; i < count; ++i) {
            Anchor calldata item = anchors[i];
            bytes32 root = item.root;
            require(root != 0, ZeroRoot());
            require(anchoredAt[root] == 0, AlreadyAnchored(root));
            anchoredAt[root] = time;
            emit Anchored(item.window, root, item.logSize, item.logRoot);
        }

        Anchor calldata last = anchors[count - 1];
        latestRoot = last.root;
        latestWindow = last.window;
        _anchorCount += uint32(count);
    }

    /// @notice Offers the contract to `newOwner`, who has to accept it; zero withdraws an offer.
    function transferOwnership(address newOwner) external onlyOwner {
        pendingOwner = newOwner;
        emit OwnershipTransferRequested(newOwner);
    }

    /// @notice Makes the caller the owner, if the contract was offered to it.
    function acceptOwnership() external {
        require(msg.sender == pendingOwner, NotPendingOwner());
        owner = msg.sender;
        delete pendingOwner;
        emit OwnershipTransferred(msg.sender);
    }

    /// @notice How many roots have been anchored.
    function anchorCount() external view returns (uint64) {
        return _anchorCount;
    }

    /// @notice Asks whether something existed, and since when: 0 where the proof does not hold, and otherwise the time
    /// of the block that anchored its window. It never reverts for a proof that is merely wrong.
    /// @dev RFC 9162, section 2.1.3.2. It proves existence, not position: a root does not commit to its tree's size,
    /// so another size in which the path takes the same turns gives the same answer.
    /// @param submitted the digest, or SHA-256(digest || blinding) of a blinded one
    /// @param salt the salt that the service gave it
    /// @param leafIndex its place in the window's tree, from 0
    /// @param treeSize the number of leaves of that tree
    /// @param path the sibling hashes from the leaf up to the root, neither one too few nor one too many
    /// @return time Unix seconds; 0: not proven
    function verify(
        bytes32 submitted,
        bytes16 salt,
        uint64 leafIndex,
        uint64 treeSize,
        bytes32[] calldata path
    ) external view returns (uint64 time) {
        if (leafIndex >= treeSize) return 0;

        bytes32 hash = sha256(abi.encodePacked(bytes1(0x00), sha256(abi.encodePacked(submitted, salt))));
        uint256 index = leafIndex;
        uint256 lastIndex = treeSize - 1;
        for (uint256 i = 0; i < path.length; ++i) {
            if (lastIndex == 0) return 0;
            if ((index & 1) == 1 || index == lastIndex) {
                hash = sha256(abi.encodePacked(bytes1(0x01), path[i], hash));
                // A last node without a sibling moves up unchanged until it has one. (Index is not 0 if even here.)
                while ((index & 1) == 0) {
                    index >>= 1;
                    lastIndex >>= 1;
                }
            } else {
                hash = sha256(abi.encodePacked(bytes1(0x01), hash, path[i]));
            }
            index >>= 1;
            lastIndex >>= 1;
        }
        return lastIndex == 0 ? anchoredAt[hash] : 0;
    }
}
