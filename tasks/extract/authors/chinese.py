"""Which texts of Han characters are the name of a Chinese person."""

# Surnames of one character, most of those of the old list "Hundred Family Surnames", in simplified characters, with traditional ones
# beside them where they differ. Rare surnames that are frequent words of pages are left out: 中, 新, 南, 网, 本, 报, 北, 东.
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金"
    "陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝"
    "左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧"
    "畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝巩稽井练仲乐虞卞封竺冼官衣楚佟佘伊郦匡寇鞠战肖闫付"
    "尚籍厉巫茅浦惠闻桑荣水火羊丰巴牧山沃鱼扶濮暴勾融粟敬召邝阚雒雍桓麻危支昝应宗贲郭岑褚仝亓么农银娜晁练岩次扎旦索"
    "張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻鍾範譚鄒陸顧龍萬錢湯喬賀賴龔龐蘭顏嚴溫盧俞魯韋畢聶叢齊莊塗穀關費紀歐項陽衛單寧閔華車邊饒滕晉鄔宮"
    "簡婁蓋黨談連欒計竇遲藍鞏練樂應農鄺闞佘聞榮豐厲"
)
_COMPOUND_SURNAMES = (
    *(
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "司徒",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "令狐",
        "慕容",
        "端木",
        "夏侯",
        "独孤",
    ),
    *(
        "歐陽",
        "司馬",
        "諸葛",
        "東方",
        "尉遲",
        "公孫",
        "夏侯",
        "獨孤",
        "宇文",
        "长孙",
        "長孫",
        "澹台",
        "轩辕",
        "钟离",
    ),
)
#: Characters of a name: a surname and one or two more; with a compound surname up to four.
_LEAST, _MOST, _MOST_COMPOUND = 2, 3, 4


def is_chinese_name(text: str) -> bool:
    """Tell whether a text of Han characters begins with a surname and is as long as a name.

    A transcribed foreign name has a dot in it ("卡拉·努恩") and is one. Pen names and names of accounts are none.
    """
    if "·" in text or "・" in text:
        return True
    bare = "".join(text.split())
    if bare.startswith(_COMPOUND_SURNAMES):
        return _LEAST < len(bare) <= _MOST_COMPOUND
    return _LEAST <= len(bare) <= _MOST and bare[0] in _SURNAMES
